/** How often something is repeated: a few times in the tests, often in the soak. */
export function rounds({ test, soak }: { readonly test: number; readonly soak: number }): number {
  return isSoak() ? soak : test
}

/** Whether there is time for everything. */
export function isSoak(): boolean {
  return process.env["WARMPOOL_SOAK"] === "1"
}
