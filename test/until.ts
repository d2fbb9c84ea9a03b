/**
 * Looks again and again until what is seen is as wanted, however slow the machine is.
 *
 * @returns what was seen last, wanted or not: the test still has to say what it expects.
 */
export async function until<Seen>(
  look: () => Seen | Promise<Seen>,
  isWanted: (seen: Seen) => unknown = Boolean,
  forMs = 20_000,
): Promise<Seen> {
  const deadline = performance.now() + forMs
  for (;;) {
    const seen = await look()
    if (isWanted(seen) || performance.now() > deadline) return seen
    await Bun.sleep(5)
  }
}
