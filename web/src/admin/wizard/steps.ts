export const STEPS = ['describe', 'price', 'connect', 'test', 'token'] as const
export type Step = (typeof STEPS)[number]
