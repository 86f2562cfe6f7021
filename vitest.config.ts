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
    // Real servers and frozen processes on whatever machine this is: what fails is run once more. The tally names what
    // passed only then; the soak runs everything once.
    retry: soaking ? 0 : 1,
    teardownTimeout: 10_000,
    passWithNoTests: false,
    allowOnly: false,
    unstubEnvs: true,
    restoreMocks: true,
    reporters: ["default", new Tally()],
  },
})
