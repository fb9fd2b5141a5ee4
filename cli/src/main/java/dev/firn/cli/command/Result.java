package dev.firn.cli.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A builder of the object that a changing command prints in JSON or CSV. */
final class Result {
  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  private Result() {}

  static Result of(String table, DryRunOption dryRun) {
    return new Result().with("table", table).with("dry_run", dryRun.on);
  }

  static Result of(String table) {
    return new Result().with("table", table);
  }

  Result with(String key, @Nullable Object value) {
    fields.put(key, value);
    return this;
  }

  /** An id or number that there may not be; absent ones are null. */
  Result with(String key, OptionalLong value) {
    return with(key, value.isPresent() ? (Object) value.getAsLong() : null);
  }

  Map<String, @Nullable Object> map() {
    return fields;
  }
}
