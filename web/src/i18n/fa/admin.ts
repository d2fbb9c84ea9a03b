import type { admin as english } from '../en/admin.ts'
import type { Texts } from '../texts.ts'
import { automations } from './admin/automations.ts'
import { users } from './admin/users.ts'
import { work } from './admin/work.ts'

export const admin: Texts<typeof english> = {
  title: 'پیشخوان',
  never: 'هرگز',
  none: 'ندارد',
  edit: 'ویرایش',
  commandLine: 'خط فرمان',
  typeEmail: 'برای ادامه، {{email}} را بنویسید',
  tokens_one: '{{count, number}} توکن',
  tokens_other: '{{count, number}} توکن',
  nav: {
    dashboard: 'پیشخوان',
    users: 'کاربران',
    automations: 'اتوماسیون‌ها',
    subscriptions: 'اشتراک‌ها',
    adjustments: 'اصلاح موجودی',
    usage: 'مصرف',
    performance: 'کارایی',
    audit: 'ردپای کارها',
    staff: 'کارکنان و نقش‌ها',
  },
  list: {
    end_one: 'همه را دیدید: {{count, number}} مورد',
    end_other: 'همه را دیدید: {{count, number}} مورد',
    clear: 'پاک کردن پالایه‌ها',
    any: '{{what}}: همه',
    from: 'از',
    to: 'تا',
    utc: 'روزها به وقت جهانی (UTC) حساب می‌شوند.',
  },
  state: { active: 'فعال', inactive: 'غیرفعال', verified: 'تأییدشده', unverified: 'تأییدنشده' },
  status: { active: 'فعال', paused: 'متوقف', cancelled: 'لغوشده' },
  setUp: {
    failed: 'ناموفق',
    pending: 'در جریان',
    connected: 'راه‌اندازی‌شده',
    not_configured: 'راه‌اندازی‌نشده',
  },
  codes: {
    no_such_service_token: 'چنین توکن سرویسی وجود ندارد یا باطل شده است.',
    already_there: 'همانند آن از پیش هست و چیزی تغییر نکرد.',
    admin_access_required: 'با نقش شما این بخش فقط دیدنی است. یک مدیر یا تیم فنی می‌تواند آن را تغییر دهد.',
    managers_only: 'این کار فقط از مدیران برمی‌آید.',
    last_manager: 'او آخرین مدیر فعال است. نخست شخص دیگری را مدیر کنید.',
    staff_account: 'این حساب یکی از کارکنان است و فقط مدیران آن را تغییر می‌دهند.',
    no_such_user: 'چنین کاربری نیست.',
    no_such_manager: 'چنین حسابی در میان کارکنان نیست.',
    no_such_automation: 'چنین اتوماسیونی نیست.',
    no_such_subscription: 'چنین اشتراکی نیست.',
    automation_in_use:
      'دست‌کم یک مشتری این اتوماسیون را اضافه کرده است، پس می‌ماند. به‌جای حذف، آن را از بازار بردارید.',
    automation_name_taken: 'اتوماسیون دیگری همین نام را دارد.',
    automation_changed: 'در این میان شخص دیگری این اتوماسیون را تغییر داده است. صفحه را دوباره بار کنید.',
    no_health_check_url: 'هنوز نشانی بررسی سلامت ندارد.',
    tokens_insufficient: 'این تعداد توکن برای کم کردن نمانده است.',
    subscription_cancelled: 'این اشتراک لغو شده است و موجودی آن دیگر تغییر نمی‌کند.',
    key_reused: 'این تلاش پیش‌تر برای کار دیگری به کار رفته است. از نو آغاز کنید.',
  },
  ...users,
  ...automations,
  ...work,
}
