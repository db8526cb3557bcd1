import { chmod, mkdir, mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLinks, reachable } from "./binaries";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchbay-binaries-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("makes the library links that a skipped install script left out, once", async () => {
  await mkdir(join(folder, "native/lib"), { recursive: true });
  await writeFile(join(folder, "native/lib/libx.so.1.2"), "library");
  const links = [{ source: "native/lib/libx.so.1.2", target: "native/lib/libx.so.1" }];
  await writeFile(join(folder, "native/pg-symlinks.json"), JSON.stringify(links));
  await makeLinks(folder);
  await makeLinks(folder);
  expect(await readlink(join(folder, "native/lib/libx.so.1"))).toBe("libx.so.1.2");
});

it("knows whether another account may enter a folder, all the way down", async () => {
  const stranger = { uid: 4242, gid: 4242 };
  const inner = join(folder, "outer/inner");
  await mkdir(inner, { recursive: true });
  await chmod(folder, 0o711);
  expect(await reachable(inner, stranger)).toBe(true);
  expect(await reachable(join(inner, "not/yet/there"), stranger)).toBe(true);
  await chmod(join(folder, "outer"), 0o700);
  expect(await reachable(inner, stranger)).toBe(false);
  expect(await reachable(inner, null)).toBe(true);
});
