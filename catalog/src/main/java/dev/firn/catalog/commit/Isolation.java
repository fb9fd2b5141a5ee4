package dev.firn.catalog.commit;

import dev.firn.error.FirnException;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.IsolationLevel;

/** The isolation levels that a table's properties ask for. Stateless. */
public final class Isolation {
  private Isolation() {}

  /**
   * Returns the level that a property sets, serializable where it is not set.
   *
   * @param doing what is to be done, for the message: {@code "delete from shop.orders"}
   * @param property {@code write.delete.isolation-level}, or that of another command
   * @throws FirnException INVALID where the value is no level
   */
  public static IsolationLevel of(String doing, Map<String, String> properties, String property) {
    String level = properties.getOrDefault(property, "serializable");
    return switch (level.toLowerCase(Locale.ROOT)) {
      case "serializable" -> IsolationLevel.SERIALIZABLE;
      case "snapshot" -> IsolationLevel.SNAPSHOT;
      default ->
          throw FirnException.invalid(
              "Cannot %s: bad property %s, expected serializable or snapshot, got %s"
                  .formatted(doing, property, level));
    };
  }

  /** Returns the level under which a change that is made of two parts holds for both. */
  public static IsolationLevel strictest(IsolationLevel one, IsolationLevel other) {
    return one == IsolationLevel.SERIALIZABLE ? one : other;
  }
}
