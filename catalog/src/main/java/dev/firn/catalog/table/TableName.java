package dev.firn.catalog.table;

import dev.firn.error.FirnException;
import java.util.List;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * Names of tables and namespaces as users write them: parts joined by dots, the last one the
 * table's. A part may hold anything that a database column can, spaces, {@code $} and unicode
 * included, but not what could be taken for a path. Stateless.
 */
public final class TableName {
  private static final int LONGEST_PART = 128;

  /** The catalog's columns hold 255 characters. */
  private static final int LONGEST_NAMESPACE = 255;

  private static final String ALLOWED =
      "expected NAMESPACE.TABLE of parts with 1 to "
          + LONGEST_PART
          + " characters: letters, digits, spaces and signs, but no '/', '\\', '..' or control"
          + " characters, and no space at either end";

  private TableName() {}

  /**
   * {@code a.b.c} is table c of namespace a.b.
   *
   * @throws FirnException INVALID where it is not a name, saying what is allowed
   */
  public static TableIdentifier parse(String text) {
    String[] parts = parts(text, "table");
    if (parts.length < 2) {
      throw invalid("table", text, "it has no namespace");
    }
    return TableIdentifier.of(parts);
  }

  /**
   * {@code a.b} is namespace b of namespace a.
   *
   * @throws FirnException INVALID where it is not a name, saying what is allowed
   */
  public static Namespace parseNamespace(String text) {
    return Namespace.of(parts(text, "namespace"));
  }

  /** Returns the name that {@link #parse} takes. */
  public static String format(TableIdentifier id) {
    return id.namespace().isEmpty() ? id.name() : id.namespace() + "." + id.name();
  }

  /**
   * Makes sure that a table or view may get this name: Iceberg's layout joins the levels of a
   * namespace with dots, so a dot within one would make two of it.
   *
   * @throws FirnException INVALID
   */
  public static void requireNew(TableIdentifier id) {
    requireNew(id.namespace());
    requireUndotted("table", id.name());
  }

  /** As {@link #requireNew(TableIdentifier)}, for a namespace. */
  public static void requireNew(Namespace namespace) {
    for (String level : namespace.levels()) {
      requireUndotted("namespace", level);
    }
  }

  private static void requireUndotted(String kind, String part) {
    if (part.isEmpty() || part.indexOf('.') >= 0) {
      throw invalid(kind, part, part.isEmpty() ? "a part is empty" : "a part holds '.'");
    }
  }

  private static String[] parts(String text, String kind) {
    String[] parts = text.split("\\.", -1);
    for (String part : parts) {
      String flaw = flaw(part);
      if (flaw != null) {
        throw invalid(kind, text, flaw);
      }
    }
    int longest = LONGEST_NAMESPACE + (kind.equals("table") ? 1 + LONGEST_PART : 0);
    if (text.length() > longest) {
      throw invalid(kind, text.substring(0, LONGEST_PART) + "…", "it is too long");
    }
    return parts;
  }

  private static @Nullable String flaw(String part) {
    if (part.isEmpty()) {
      return "a part is empty";
    }
    if (part.length() > LONGEST_PART) {
      return "a part has " + part.length() + " characters";
    }
    if (!part.equals(part.strip())) {
      return "a part begins or ends with a space";
    }
    for (String forbidden : List.of("/", "\\")) {
      if (part.contains(forbidden)) {
        return "it holds '" + forbidden + "'";
      }
    }
    if (part.chars().anyMatch(Character::isISOControl)) {
      return "it holds a control character";
    }
    return null;
  }

  private static FirnException invalid(String kind, String text, String flaw) {
    String shown =
        text.codePoints()
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    String allowed = kind.equals("table") ? ALLOWED : ALLOWED.replace(".TABLE", "[.NAMESPACE…]");
    return FirnException.invalid(
        "Cannot use %s name: %s, %s, got '%s'".formatted(kind, flaw, allowed, shown));
  }
}
