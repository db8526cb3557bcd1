import { expect, test } from "vitest";
import { authKinds } from "@/lib/catalogue/card";
import { categoryKeys } from "@/lib/catalogue/categories";
import { errorCodes } from "@/lib/error-codes";
import messages from "@/messages/en.json";

test("every error code, category and way to sign in has words", () => {
  expect(Object.keys(messages.errors)).toEqual(expect.arrayContaining([...errorCodes]));
  expect(Object.keys(messages.categories)).toEqual([...categoryKeys]);
  expect(Object.keys(messages.authKinds)).toEqual(expect.arrayContaining([...authKinds]));
});

test("no sentence is addressed to a machine", () => {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === "string") texts.push(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(collect);
  };
  collect(messages);
  expect(texts.filter((text) => /successful|_error|undefined|null/i.test(text))).toEqual([]);
});
