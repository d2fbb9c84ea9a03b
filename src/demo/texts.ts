/** Paragraphs that demo customers have summarised, some sixty to ninety words each. */
const ENGLISH = [
  `The night ferry to the islands had been cancelled twice that week, and the harbour master saw no reason to expect
  better. Wind from the north pushed the swell into the bay, where the fishing boats lay three deep along the wall.
  People slept in the ticket hall on their bags. A woman who ran the bakery opposite opened at four, two hours early,
  and sold everything she had before the first announcement of the morning was made.`,
  `Small firms rarely lack ideas; they lack hours. A survey of eight hundred workshops found that owners spend almost
  a third of their week on letters, invoices and appointments, most of it in the evening. Those who handed the routine
  to software did not work less. They used the time to visit customers, and after a year their revenue had grown faster
  than that of the others, even where the software itself was modest.`,
  `Bees find new homes by debate. Scouts return from hollow trees and dance in the direction of what they have seen, the
  longer the better the site. Others follow, look for themselves and dance in turn. No bee compares two places; each
  reports only one. Yet within hours the dances converge, and the swarm flies to the best of a dozen sites with a
  reliability that any committee would envy.`,
  `The library lends more than books. On its shelves stand sewing machines, a telescope, cake tins in the shape of every
  digit, and a device that measures how damp a wall is. Members keep a thing for two weeks. The idea came from a
  caretaker who noticed that the drill he lent to neighbours was never at home, and that he did not miss it. Last year
  the collection was borrowed eleven thousand times.`,
  `When the old bridge was taken down, engineers found that its designer had hidden a correction inside. The drawings
  showed a beam that could not have held, and the beam in the steel was another one, thicker by a hand. Nobody had
  written this down. The designer must have seen the error after the drawings were signed, and paid for the better beam
  out of his own fee, for the invoice bears the smaller price.`,
]

const PERSIAN = [
  `بازار بزرگ شهر هر صبح پیش از طلوع آفتاب بیدار می‌شود. نخست باربران می‌آیند و پس از آن‌ها نانواها. مغازه‌داران کرکره‌ها را
  بالا می‌کشند و چای نخستین روز را با همسایه می‌نوشند. در راسته‌ی مسگران هنوز چند کارگاه باقی مانده است که استادان آن از پدران
  خود آموخته‌اند. جوان‌ترها اما فروش اینترنتی را هم آغاز کرده‌اند و سفارش‌ها را با پست به شهرهای دیگر می‌فرستند.`,
  `آب در این دشت همیشه کم بوده است. کشاورزان قدیم با کندن قنات آب را از کوه تا روستا می‌آوردند و سهم هر خانواده را با ساعت
  آبی اندازه می‌گرفتند. امروز بسیاری از قنات‌ها خشک شده‌اند، اما چند روستا تصمیم گرفته‌اند آن‌ها را دوباره زنده کنند. آن‌ها کف
  کانال‌ها را پاک کردند و چاه‌های غیرمجاز را بستند. پس از سه سال آب بازگشت و باغ‌های انار دوباره میوه دادند.`,
  `کتابخانه‌ی محله فقط کتاب امانت نمی‌دهد. در قفسه‌های آن چرخ خیاطی، تلسکوپ و ابزار باغبانی هم پیدا می‌شود. هر عضو می‌تواند
  یک وسیله را دو هفته نگه دارد. این فکر از سرایدار ساختمان آمد که دید دریل او همیشه در خانه‌ی همسایه‌هاست و خودش هم به آن
  نیازی ندارد. سال گذشته اعضا یازده هزار بار چیزی امانت گرفتند.`,
]

/** A text of so many paragraphs, beginning with any. */
export function someText(persian: boolean, paragraphs: number, first: number): string {
  const from = persian ? PERSIAN : ENGLISH
  const chosen = Array.from({ length: paragraphs }, (_, index) => from[(first + index) % from.length])
  return chosen.join('\n').replaceAll(/\s*\n\s+/g, ' ')
}
