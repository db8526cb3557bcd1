import { shownCards } from "@/components/connectors/shown-cards";

export const dynamic = "force-static";

/** What the public search looks through; fetched when somebody begins to type. */
export function GET(): Response {
  return Response.json(shownCards());
}
