/** An address that may stand in a link: staff enter it, and `javascript:` is an address, too. */
export const safeUrl = (url: string | null): string | null =>
  url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : null
