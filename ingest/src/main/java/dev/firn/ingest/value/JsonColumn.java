package dev.firn.ingest.value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A builder that sees the JSON values of one place (a column, a member, a list's elements) and then
 * names the type they all have. Confined to one thread; memory grows with the number of distinct
 * member names, up to {@value #MAX_MEMBERS} in one nested object.
 *
 * <p>Objects are structs, arrays are lists, numbers are long, double or decimal; a mixture is a
 * string that holds the JSON text, and so are objects in which no member was ever seen.
 */
public final class JsonColumn {
  private static final int MAX_MEMBERS = 2_000;

  private final String path;
  private final DateHints hints;
  private final TextColumn strings;
  private final NumberRange numbers = new NumberRange();
  private final NumberScan scan = new NumberScan();
  private final Map<String, JsonColumn> members = new LinkedHashMap<>();
  private @Nullable JsonColumn element;
  private boolean sawBoolean;
  private boolean sawNumber;
  private boolean sawString;
  private boolean sawObject;
  private boolean sawList;
  private boolean tooManyMembers;
  private long mixedFrom;

  /** The values at {@code path}, as {@code hints} names it. */
  public JsonColumn(String path, DateHints hints) {
    this.path = path;
    this.hints = hints;
    this.strings = TextColumn.ofStrings(path, hints);
  }

  /** Adds one value of the row that starts in a line. */
  public void add(@Nullable Object json, long line) {
    int before = kinds();
    see(json, line);
    if (before == 1 && kinds() > 1) {
      mixedFrom = line;
    }
  }

  private void see(@Nullable Object json, long line) {
    if (json instanceof String text) {
      sawString = true;
      strings.add(text);
    } else if (json instanceof JsonNumber number) {
      sawNumber = true;
      addNumber(number.text());
    } else if (json instanceof Boolean) {
      sawBoolean = true;
    } else if (json instanceof Map<?, ?> map) {
      sawObject = true;
      addMembers(map, line);
    } else if (json instanceof List<?> list) {
      sawList = true;
      addElements(list, line);
    }
  }

  private void addNumber(String text) {
    if (scan.scan(text, 0, text.length())) {
      numbers.add(text, scan);
    } else {
      numbers.addFloating();
    }
  }

  private void addMembers(Map<?, ?> map, long line) {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = String.valueOf(entry.getKey());
      JsonColumn member = members.get(name);
      if (member == null && members.size() >= MAX_MEMBERS) {
        tooManyMembers = true;
      } else {
        members
            .computeIfAbsent(name, n -> new JsonColumn(path + "." + n, hints))
            .add(entry.getValue(), line);
      }
    }
  }

  private void addElements(List<?> list, long line) {
    JsonColumn elements = element == null ? new JsonColumn(path + "[]", hints) : element;
    element = elements;
    for (Object item : list) {
      elements.add(item, line);
    }
  }

  private int kinds() {
    return (sawBoolean ? 1 : 0)
        + (sawNumber ? 1 : 0)
        + (sawString ? 1 : 0)
        + (sawObject ? 1 : 0)
        + (sawList ? 1 : 0);
  }

  /** Returns the members seen, by name, in the order of their first appearance. */
  public Map<String, JsonColumn> members() {
    return members;
  }

  /** Returns whether some member was left out because there were too many. */
  public boolean overflowed() {
    return tooManyMembers;
  }

  /** Returns the type, its ids all distinct and counted up by {@code ids}; never null. */
  public Type type(FieldIds ids, boolean narrow) {
    if (kinds() != 1 || (sawObject && (members.isEmpty() || tooManyMembers))) {
      return Types.StringType.get();
    }
    if (sawBoolean) {
      return Types.BooleanType.get();
    }
    if (sawNumber) {
      return numberType(narrow);
    }
    if (sawList) {
      JsonColumn elements = element == null ? new JsonColumn(path + "[]", hints) : element;
      return Types.ListType.ofOptional(ids.next(), elements.type(ids, narrow));
    }
    if (sawObject) {
      List<Types.NestedField> fields = new ArrayList<>();
      members.forEach(
          (name, member) ->
              fields.add(Types.NestedField.optional(ids.next(), name, member.type(ids, narrow))));
      return Types.StructType.of(fields);
    }
    Type text = strings.type();
    return text == null ? Types.StringType.get() : text;
  }

  private Type numberType(boolean narrow) {
    Type type = numbers.ofJson();
    if (type == null) {
      return Types.StringType.get();
    }
    return narrow ? numbers.narrow(type) : type;
  }

  /** Hands over the date style of every place below {@code path} that has one. */
  public void styles(String path, BiConsumer<String, DateStyle> found) {
    DateStyle style = strings.style();
    if (style != null) {
      found.accept(path, style);
    }
    members.forEach((name, member) -> member.styles(path + "." + name, found));
    if (element != null) {
      element.styles(path + "[]", found);
    }
  }

  /** Hands over what a user should know about the type of {@code path} and what is below it. */
  public void notes(String path, BiConsumer<String, String> found) {
    if (kinds() == 0) {
      found.accept(path, "holds only nulls, read as string");
    } else if (kinds() > 1) {
      found.accept(path, "holds %s (from line %d), read as string".formatted(mixture(), mixedFrom));
    } else if (sawObject && members.isEmpty()) {
      found.accept(path, "holds only empty objects, read as string");
    } else if (tooManyMembers) {
      found.accept(path, "has more than " + MAX_MEMBERS + " different members, read as JSON text");
    } else if (sawString && strings.note() != null) {
      found.accept(path, String.valueOf(strings.note()));
    }
    if (kinds() == 1 && !tooManyMembers) {
      members.forEach((name, member) -> member.notes(path + "." + name, found));
      if (element != null) {
        element.notes(path + "[]", found);
      }
    }
  }

  private String mixture() {
    List<String> seen = new ArrayList<>();
    if (sawString) {
      seen.add("strings");
    }
    if (sawNumber) {
      seen.add("numbers");
    }
    if (sawBoolean) {
      seen.add("booleans");
    }
    if (sawObject) {
      seen.add("objects");
    }
    if (sawList) {
      seen.add("arrays");
    }
    return String.join(" and ", seen);
  }
}
