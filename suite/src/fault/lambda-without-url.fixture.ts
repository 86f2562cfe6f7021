/** Calls `createRedis` of the Lambda package with what the first argument says, and prints what it throws. */
import { createRedis } from "@warmpool/lambda"

try {
  createRedis(JSON.parse(process.argv[2] ?? "{}"))
  process.stdout.write(JSON.stringify({ created: "yes" }))
  process.exit(0)
} catch (error) {
  const { name, message, code } = error as Error & { code?: string }
  process.stdout.write(JSON.stringify({ name, message, code }))
}
