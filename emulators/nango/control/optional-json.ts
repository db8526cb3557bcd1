/** The body of a request to the control API; an absent one is an empty object. @throws SyntaxError for a broken one */
export async function optionalJson(request: Request): Promise<unknown> {
  const text = await request.text();
  return text === "" ? {} : JSON.parse(text);
}
