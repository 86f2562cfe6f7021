import { defineConfig } from "vitest/config"
import { Tally } from "./scripts/tally.ts"

const soaking = process.env["WARMPOOL_SOAK"] === "1"

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "suite/src/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: soaking ? 1_800_000 : 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    passWithNoTests: false,
    allowOnly: false,
    unstubEnvs: true,
    restoreMocks: true,
    reporters: ["default", new Tally()],
  },
})
