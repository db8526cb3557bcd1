import { expect, test } from "vitest";
import { quarantineReasons } from "@/lib/db/vocabulary";
import messages from "@/messages/en.json";

test("every reason to keep a connection in quarantine has words", () => {
  expect(Object.keys(messages.quarantine.reasons)).toEqual(expect.arrayContaining([...quarantineReasons, "unknown"]));
});
