import { answerCallback } from "@/lib/oauth/answer-callback";

/** Where providers send a browser back to after a sign-in without Nango. */
export const GET = answerCallback;

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
