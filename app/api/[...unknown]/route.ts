/** Whatever else is asked for under /api. */
export {
  notFound as DELETE,
  notFound as GET,
  notFound as PATCH,
  notFound as POST,
  notFound as PUT,
} from "@/lib/http";
