// The one way in: `node scripts/bootstrap.mjs <task> [arguments]`, run by the npm scripts. It needs Node's built-ins
// only; everything else is installed here. This file stays parseable by old Nodes, so that they get the line below.
const MIN_NODE = 20

if (Number(process.versions.node.split(".")[0]) < MIN_NODE) {
  console.error(
    `warmpool: Node ${process.versions.node} is too old; get Node ${MIN_NODE} or newer from https://nodejs.org`,
  )
  process.exitCode = 1
} else {
  void import("./bootstrap/main.mjs").then(({ main }) => main(process.argv.slice(2)))
}
