export { ExchangeLane, type LaneLimits } from "./exchange-lane.ts"
export type { Exchanger } from "./exchanger.ts"
export type { MainLane, Surroundings } from "./lane.ts"
