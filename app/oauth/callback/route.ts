import { answerCallback } from "@/lib/oauth/answer-callback";

/** Where providers send a browser back to after a sign-in without Nango. */
export const GET = answerCallback;

// Next would answer HEAD with GET, which changes something here.
export {
  notAllowed as DELETE,
  notAllowed as HEAD,
  notAllowed as PATCH,
  notAllowed as POST,
  notAllowed as PUT,
} from "@/lib/http";
