import type { Reply } from "@warmpool/core"
import type { Parser, ParserOptions } from "@warmpool/core/resp"
import type { ReadResp } from "./answers.ts"

/** Reads answers in RESP2 with the parser of `@warmpool/core/resp`, which nobody carries who does not pass it. */
export function respReader(Parse: typeof Parser, options?: ParserOptions): ReadResp {
  return (bytes, batch) => {
    const replies: Reply[] = []
    const take = (reply: Reply) => {
      replies.push(reply)
    }
    new Parse({ next: () => batch[replies.length]?.decode, reply: take, error: take }, options).push(bytes)
    return replies
  }
}
