import "server-only";
import { systemDb } from "@/lib/db/system";

/** Does the database answer? For the health route; never throws. @param timeoutMs how long to wait */
export async function databaseAnswers(timeoutMs = 2000): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((done) => {
    timer = setTimeout(() => done(false), timeoutMs);
  });
  const asked = Promise.resolve(systemDb("health")`select 1`).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
