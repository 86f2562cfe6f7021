/** What an instance tells on its file descriptor 3, a line of JSON each. */
export type Report =
  | { readonly type: "ready"; readonly port: number; readonly maxDurationS?: number }
  /** An invocation that had ended waits for something again. */
  | { readonly type: "begin"; readonly id: string }
  /** It has answered, and waits for nothing. */
  | { readonly type: "end"; readonly id: string }

/** The header that carries an invocation's id, as on Vercel. */
export const ID_HEADER = "x-vercel-id"

/** Cuts a stream into its reports. */
export function reportReader(onReport: (report: Report) => void): (text: string) => void {
  let rest = ""
  return (text) => {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) onReport(JSON.parse(line))
  }
}
