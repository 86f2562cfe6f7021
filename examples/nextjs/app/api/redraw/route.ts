import { revalidateTag } from "next/cache"

/** Makes the cached page draw anew. */
export function POST(): Response {
  revalidateTag("drawing", { expire: 0 })
  return Response.json({ revalidated: true })
}
