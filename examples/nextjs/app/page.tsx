import { connection } from "next/server"
import { like } from "./actions.ts"
import { countVisit, readLikes } from "./counters.ts"
import { greeting } from "./greeting.ts"

/** A server component: its commands of one render leave in one batch. */
export default async function Page() {
  await connection()
  const [visits, likes] = await Promise.all([countVisit(), readLikes()])
  return (
    <main>
      <h1>{greeting}</h1>
      <p>
        Seen <strong id="visits">{visits}</strong> times, liked <strong id="likes">{likes}</strong> times.
      </p>
      <form action={like}>
        <button type="submit">Like it</button>
      </form>
    </main>
  )
}
