import { cloudflare } from "./tables/cloudflare.ts"
import { toldBy } from "./told.ts"

/** Runs the row that a request names, and tells its error. */
export async function answer(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const row = cloudflare[searchParams.get("name") ?? ""]?.[Number(searchParams.get("index"))]
  return Response.json(row ? ((await toldBy(row)) ?? null) : "no such row")
}

/** The rows of the table: their functions have no way out. */
export const rowsByName = Object.entries(cloudflare).map(([name, rows]) => [
  name,
  rows.map(({ wrong, error, says }) => ({ wrong, error, says: says.source })),
])
