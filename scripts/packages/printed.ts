import { readFileSync } from "node:fs"

/** The first program of a page, as printed. */
export function programOf(path: string): string {
  const program = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(path, "utf8"))?.[1]
  if (program === undefined) throw new Error(`${path} has no program`)
  return program
}

/** Calls a printed program as its platform does, and prints the answer. */
export const CALLERS = {
  lambda: `
    import { handler } from "./lambda.ts"
    console.log(JSON.stringify(await handler({}, { getRemainingTimeInMillis: () => 3_000 })))
    process.exit()`,
  vercel: `
    import { GET } from "./vercel.ts"
    console.log(await (await GET()).text())
    process.exit()`,
} as const
