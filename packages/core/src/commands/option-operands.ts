/** How many arguments follow each option that may stand before a key, or before the options that name one. */
export const optionOperands: ReadonlyMap<string, number> = new Map([
  // SORT, GEORADIUS
  ["limit", 2],
  ["get", 1],
  ["by", 1],
  ["store", 1],
  ["storedist", 1],
  // MIGRATE
  ["auth", 1],
  ["auth2", 2],
  // XREAD, XREADGROUP
  ["block", 1],
  ["count", 1],
  ["group", 2],
  ["noack", 0],
  ["claim", 1],
])
