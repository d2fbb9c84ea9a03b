/** Whether that part of an address can be the id of anything. */
export const isId = (text: string) => /^[1-9]\d{0,14}$/.test(text)
