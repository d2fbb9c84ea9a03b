import { hostname } from 'node:os'

/** What reports call a process: two on one machine have two ports, and a restart has the same. */
export const nodeName = ({ port }: { port: number }) => `${hostname()}:${port}`
