import { connection } from "next/server"
import { drawNumber } from "../counters.ts"

/** Shows a number that is drawn once and cached: it stays the same until somebody posts to /api/redraw. */
export default async function Page() {
  await connection()
  return (
    <p>
      The number is <strong id="drawn">{await drawNumber()}</strong>.
    </p>
  )
}
