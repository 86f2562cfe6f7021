import { type PortableOptions as CoreOptions, portableOptionSpec } from "@warmpool/core/portable"

/** What a client takes that keeps no connections. */
export type PortableOptions = Omit<CoreOptions, "transport" | "host">

const { host: _host, ...spec } = portableOptionSpec

/** These, and `transport`. */
export const portableSpec = spec
