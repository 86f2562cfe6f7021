/** What an instance tells on its file descriptor 3, a line of JSON each. */
export type Report =
  | { readonly type: "ready"; readonly port: number; readonly maxDurationS?: number }
  /** An invocation that had ended waits for something again. */
  | { readonly type: "begin"; readonly id: string }
  /** It has answered, and waits for nothing. */
  | { readonly type: "end"; readonly id: string }

/** The header that carries an invocation's id, as on Vercel. */
export const ID_HEADER = "x-vercel-id"

/** Cuts a stream into its reports. What a function writes there itself is none. */
export function reportReader(onReport: (report: Report) => void): (text: string) => void {
  let rest = ""
  return (text) => {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      const report = parsed(line)
      if (report) onReport(report)
    }
  }
}

function parsed(line: string): Report | undefined {
  try {
    const report: unknown = JSON.parse(line)
    return typeof report === "object" && report !== null ? (report as Report) : undefined
  } catch {
    return undefined
  }
}
