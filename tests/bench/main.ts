/** `npm run bench`: what Patchbay costs, as ratios against the least that the same Next can do, side by side. */
import { measure } from "./rows";
import { startAgain, startControl, startProduct, startWithoutDatabase, startWithoutMiddleware } from "./servers";

const servers: { stop(): Promise<void> }[] = [];
const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
  servers.push(server);
  return server;
};

try {
  console.log("Building and starting the product, copies with and without middleware, and a control …");
  const product = keep(await startProduct());
  const control = keep(await startControl());
  const again = keep(await startAgain(product));
  const bare = keep(await startWithoutMiddleware(product));
  const young = keep(await startAgain(product));
  const unreachable = keep(await startWithoutDatabase(product));

  let missed = 0;
  for await (const row of measure({ product, control, again, bare, young, unreachable })) {
    if (!row.held) missed++;
    console.log(`${row.held ? "held  " : "MISSED"}  ${row.name}: ${row.value} (goal ${row.goal})  ${row.detail}`);
  }
  console.log(missed ? `${missed} goals missed` : "every goal held");
  process.exitCode = missed ? 1 : 0;
} finally {
  for (const server of servers.reverse()) await server.stop();
}
process.exit();
