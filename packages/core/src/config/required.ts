import type { Option } from "./options.ts"

/** The same option, which must be given. */
export function required<T>(option: Option<T | undefined>): Option<T> {
  return { ...(option as Option<T>), isRequired: true }
}
