/** Where each file of the app lies inside the single executable; scripts/build.ts puts its own list in this place. */
export const embedded: Record<string, string> | null = null
