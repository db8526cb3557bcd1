import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import { directQuestions, wayOf } from "@/lib/catalogue/way";
import type { Asked } from "./ask-first";

/** By connector, what is asked before a direct sign-in. Only those where something is, and where it may come to that. */
export function askedConnectors(): Record<string, Asked> {
  return Object.fromEntries(
    [...manifests.values()].flatMap((manifest) => {
      const questions = directQuestions(manifest);
      return questions.length > 0 ? [[manifest.slug, { questions, first: wayOf(manifest).method === "direct" }]] : [];
    }),
  );
}
