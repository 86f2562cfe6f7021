import { defineConfig } from "vitest/config"
import { Tally } from "./scripts/tally.ts"

/** What needs a browser, apart from `npm test`. */
export default defineConfig({
  test: {
    include: ["scripts/browser/*.browser.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 240_000,
    teardownTimeout: 20_000,
    passWithNoTests: false,
    reporters: ["default", new Tally()],
  },
})
