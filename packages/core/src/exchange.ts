export { ExchangeLane, type Exchanger, type LaneLimits } from "./exchange-lane.ts"
export type { MainLane, Surroundings } from "./lane.ts"
