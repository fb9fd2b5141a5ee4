package dev.firn.maintenance;

import java.util.Map;

/**
 * What a piece of work did.
 *
 * @param changed whether the table is another than before
 * @param detail numbers and texts by name, for the history
 */
public record Result(boolean changed, Map<String, Object> detail) {
  public Result {
    detail = Map.copyOf(detail);
  }
}
