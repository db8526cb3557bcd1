import { Fragment } from "react";

/** A name that is one long word, such as an address: broken before an @, a dot or a slash rather than anywhere. */
export function Breakable({ text }: { text: string }) {
  return text.split(/(?=[@._/])/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a name have no other identity than their place
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {part}
    </Fragment>
  ));
}
