import type { panel as english } from '../en/panel.ts'
import type { Texts } from '../texts.ts'

export const panel: Texts<typeof english> = {
  nav: {
    dashboard: 'پیشخوان',
    marketplace: 'بازار',
    automations: 'اتوماسیون‌های من',
    usage: 'مصرف',
    settings: 'تنظیمات',
  },
}
