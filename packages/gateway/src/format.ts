import type { Encoding } from "./reply-in-json.ts"

/** How replies are wanted. */
export type Format = Encoding | "resp2"

const TEXT = { format: "text" } as const

/** Reads the headers that say how; an error's text where they contradict. */
export function readFormat(
  responseFormat: string | undefined,
  encoding: string | undefined,
): { readonly format: Format } | { readonly wrong: string } {
  if (responseFormat === undefined && encoding === undefined) return TEXT
  const isBase64 = encoding?.toLowerCase() === "base64"
  const format = responseFormat?.toLowerCase() ?? "json"
  if (format === "json") return { format: isBase64 ? "base64" : "text" }
  if (format !== "resp2") return { wrong: "ERR Upstash-Response-Format takes json or resp2" }
  if (isBase64)
    return { wrong: "ERR Upstash-Encoding: base64 is not permitted with Upstash-Response-Format: resp2" }
  return { format }
}
