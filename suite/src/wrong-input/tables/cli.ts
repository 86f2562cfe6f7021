import { built } from "../exported.ts"
import { rows, SECRET, type Table } from "../row.ts"

type Env = Readonly<Record<string, string>>

interface Program {
  run(
    args: readonly string[],
    surroundings: { env: Env; say(line: string): void; warn(line: string): void },
  ): Promise<number>
}

/** As it is installed: a program has no exports. */
const program = await built<Program>("cli/dist/program.js")
const env = { REDIS_URL: `redis://:${SECRET}@127.0.0.1:1`, WARMPOOL_TOKENS: SECRET }

/** What the program says; it throws when it ends with another code than 0. */
export async function said(args: readonly string[], given: Env = env): Promise<string> {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const code = await program.run(args, { env: given, say, warn: say })
  if (code === 0) return lines.join("\n")
  throw Object.assign(new Error(lines.join("\n")), { name: `exit ${code}` })
}

const withEnv = (changed: Record<string, string | undefined>) => () =>
  said(
    ["gateway"],
    Object.fromEntries(Object.entries({ ...env, ...changed }).filter(([, value]) => value)) as Env,
  )

export const cli: Table = {
  warmpool: rows("exit 1", (args) => said(args), [
    ["a command misspelt", ["gatway"], /there is no such command: there is gateway/],
    ["a secret for a command", [SECRET], /there is no such command/],
  ]),
  "warmpool gateway": [
    ...rows("exit 1", (args: readonly string[]) => said(["gateway", ...args]), [
      ["a flag misspelt", ["--prot", "1"], /unknown flag --prot: did you mean --port\?/],
      ["a flag without its value", ["--port"], /a flag lacks its value.*see --help/],
      ["a value that is no number", ["--port", SECRET], /--port takes a whole number/],
      ["a port too high", ["--port", "65536"], /port takes a whole number from 0 to 65535/],
      ["no connections", ["--pool-max", "0"], /max takes a whole number from 1 to/],
      ["a word of others", ["--metrics", SECRET], /metrics takes "off" or "token" or "open"/],
      [
        "a secret on the command line",
        ["--token", SECRET],
        /--token would show a secret .*: set WARMPOOL_TOKENS or --tokens-file/,
      ],
      ["an argument that is no flag", [SECRET], /gateway takes flags alone: see --help/],
      [
        "tokens and a file of them",
        ["--tokens-file", "/nowhere"],
        /tokens and tokensFile contradict: keep one/,
      ],
    ]),
    ...rows("exit 1", (run: () => unknown) => run(), [
      ["no server", withEnv({ REDIS_URL: undefined }), /set REDIS_URL to where Redis is/],
      ["no tokens", withEnv({ WARMPOOL_TOKENS: undefined }), /set WARMPOOL_TOKENS, or --tokens-file/],
      [
        "a URL that is none",
        withEnv({ REDIS_URL: `rediz://:${SECRET}@a` }),
        /the URL does not begin with redis:/,
      ],
      ["a port that is none", withEnv({ PORT: SECRET }), /PORT takes a whole number/],
      [
        "a token too short",
        withEnv({ WARMPOOL_TOKENS: "s3cret" }),
        /tokens\[0\]: a token has at least 8 characters/,
      ],
    ]),
  ],
}
