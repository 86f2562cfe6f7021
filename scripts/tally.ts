import { writeFileSync } from "node:fs"
import type { Reporter, TestModule } from "vitest/node"

/**
 * Writes how many tests passed and failed to the file that `WARMPOOL_TALLY` names. A file that can't be loaded, an
 * error outside any test, and a test that did not run although nobody filtered count as failed.
 */
export class Tally implements Reporter {
  #filtered = false

  onInit(vitest: Parameters<NonNullable<Reporter["onInit"]>>[0]): void {
    this.#filtered = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env["WARMPOOL_TALLY"]
    if (file === undefined) return
    let passed = 0
    let failed = errors.length
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === "passed") passed += 1
        else if (state === "failed" || !this.#filtered) failed += 1
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    writeFileSync(file, JSON.stringify({ passed, failed }))
  }
}
