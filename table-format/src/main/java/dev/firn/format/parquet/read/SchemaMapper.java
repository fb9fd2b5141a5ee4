package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.page.Conversion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the columns of an expected schema come from: by field id, as the spec's rules of
 * column projection say. Lists and maps are followed by their structure, in every form that
 * Parquet's backward compatibility rules name. Immutable.
 */
final class SchemaMapper {
  private static final String ELEMENT = "element";

  private final String location;
  private final MessageType file;
  private final FieldIds ids;
  private final Map<Integer, ? extends @Nullable Object> constants;

  SchemaMapper(
      String location,
      MessageType file,
      @Nullable NameMapping mapping,
      Schema expected,
      Map<Integer, ? extends @Nullable Object> constants) {
    this.location = location;
    this.file = file;
    this.ids = FieldIds.of(file, mapping, expected);
    this.constants = constants;
  }

  /** Where the values of {@code columns}, top-level ones, come from. */
  List<Node> map(List<NestedField> columns) {
    return children(columns, new Place(file, Shape.ROOT, Shape.ROOT, List.of(), List.of(), false));
  }

  /**
   * A field of the file.
   *
   * @param shape of the field; of its elements where it is repeated
   * @param outer shape of what it is in
   * @param path the names that lead to it
   * @param mapped those names as a name mapping has them
   * @param repeated whether its being repeated is still to be made a list of
   */
  private record Place(
      org.apache.parquet.schema.Type type,
      Shape shape,
      Shape outer,
      List<String> path,
      List<String> mapped,
      boolean repeated) {
    /** The field {@code child}; {@code name} is what a name mapping calls it, null: nothing. */
    Place child(org.apache.parquet.schema.Type child, @Nullable String name) {
      boolean many = child.isRepetition(Repetition.REPEATED);
      Shape inside = many ? shape.element() : shape.child(child.isRepetition(Repetition.OPTIONAL));
      List<String> names = name == null ? mapped : plus(mapped, name);
      return new Place(child, inside, shape, plus(path, child.getName()), names, many);
    }

    /** The same as the element of a list. */
    Place asElement() {
      return new Place(type, shape, outer, path, mapped, false);
    }

    boolean isPrimitive() {
      return type.isPrimitive();
    }

    GroupType group() {
      return type.asGroupType();
    }

    private static List<String> plus(List<String> names, String name) {
      List<String> longer = new ArrayList<>(names);
      longer.add(name);
      return List.copyOf(longer);
    }
  }

  private List<Node> children(List<NestedField> fields, Place parent) {
    Map<Integer, Place> stored = new HashMap<>();
    for (org.apache.parquet.schema.Type child : parent.group().getFields()) {
      Place place = parent.child(child, child.getName());
      Integer id = ids.of(child, place.mapped());
      if (id != null) {
        stored.putIfAbsent(id, place);
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (NestedField field : fields) {
      nodes.add(child(field, stored.get(field.fieldId())));
    }
    return nodes;
  }

  private Node child(NestedField field, @Nullable Place stored) {
    int id = field.fieldId();
    if (id == MetadataColumns.ROW_ID.fieldId()) {
      return constants.get(id) instanceof Long first
          ? new Node.RowId(first, storedLong(field, stored))
          : nulls(field);
    }
    if (id == MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId()) {
      return constants.get(MetadataColumns.ROW_ID.fieldId()) != null
              && constants.get(id) instanceof Long inherited
          ? new Node.SequenceNumber(inherited, storedLong(field, stored))
          : nulls(field);
    }
    if (constants.containsKey(id)) {
      return new Node.Constant(field.type(), constants.get(id));
    }
    if (id == MetadataColumns.ROW_POSITION.fieldId()) {
      return new Node.Position();
    }
    if (id == MetadataColumns.IS_DELETED.fieldId()) {
      return new Node.Constant(field.type(), false);
    }
    if (field.type().typeId() == TypeID.UNKNOWN) {
      return nulls(field);
    }
    return stored == null ? absent(field) : stored(field.name(), field.type(), stored);
  }

  private static Node nulls(NestedField field) {
    return new Node.Constant(field.type(), null);
  }

  private Node.@Nullable Stored storedLong(NestedField field, @Nullable Place stored) {
    return stored == null ? null : primitive(field.name(), field.type(), stored);
  }

  private Node absent(NestedField field) {
    if (field.initialDefault() != null) {
      return new Node.Constant(field.type(), field.initialDefault());
    }
    if (field.isOptional()) {
      return nulls(field);
    }
    throw FirnException.corrupt(
        "Cannot read column %s: it is required, has no default, and the file lacks it [%s]"
            .formatted(field.name(), location),
        null);
  }

  private Node stored(String name, Type wanted, Place place) {
    if (place.repeated() && !wanted.isListType()) {
      throw mismatch(name, wanted, place);
    }
    return switch (wanted.typeId()) {
      case STRUCT -> struct(name, wanted.asStructType(), place);
      case LIST -> list(name, wanted.asListType(), place);
      case MAP -> map(name, wanted.asMapType(), place);
      case VARIANT -> variant(name, wanted, place);
      case UNKNOWN -> new Node.Constant(wanted, null);
      default -> primitive(name, wanted, place);
    };
  }

  private Node.Stored primitive(String name, Type wanted, Place place) {
    Conversion conversion =
        place.isPrimitive() && !place.repeated()
            ? Conversions.of(wanted, place.type().asPrimitiveType())
            : null;
    if (conversion == null) {
      throw mismatch(name, wanted, place);
    }
    return new Node.Stored(leaf(place.path(), conversion, place.shape()));
  }

  private Node struct(String name, Types.StructType wanted, Place place) {
    if (place.isPrimitive()) {
      throw mismatch(name, wanted, place);
    }
    return group(children(wanted.fields(), place), place);
  }

  private Node group(List<Node> children, Place place) {
    return new Node.Struct(place.shape(), children, levels(children, place));
  }

  private Node list(String name, Types.ListType wanted, Place place) {
    Place element;
    if (place.repeated()) {
      element =
          place.asElement(); // repeated without a list around it: never null, nor its elements
    } else {
      Place repeated = onlyRepeated(name, wanted, place);
      element =
          isElement(repeated, place)
              ? place.child(repeated.type(), ELEMENT).asElement()
              : repeated.child(repeated.group().getType(0), ELEMENT);
    }
    Node values = stored(name + "." + ELEMENT, wanted.elementType(), element);
    Shape shape = place.repeated() ? place.outer() : place.shape();
    return new Node.Repeated(shape, values, levels(List.of(values), place));
  }

  /** Parquet's backward compatibility rules for lists of two levels. */
  private static boolean isElement(Place repeated, Place list) {
    String name = repeated.type().getName();
    return repeated.isPrimitive()
        || repeated.group().getFieldCount() != 1
        || name.equals("array")
        || name.equals(list.type().getName() + "_tuple");
  }

  private Node map(String name, Types.MapType wanted, Place place) {
    Place entries = onlyRepeated(name, wanted, place).asElement();
    if (entries.isPrimitive() || entries.group().getFieldCount() != 2) {
      throw mismatch(name, wanted, place);
    }
    Place key = entries.child(entries.group().getType(0), "key");
    Place value = entries.child(entries.group().getType(1), "value");
    List<Node> children =
        List.of(
            stored(name + ".key", wanted.keyType(), key),
            stored(name + ".value", wanted.valueType(), value));
    Node pairs = group(children, entries);
    return new Node.Repeated(place.shape(), pairs, levels(List.of(pairs), place));
  }

  private Node variant(String name, Type wanted, Place place) {
    if (place.isPrimitive()) {
      throw mismatch(name, wanted, place);
    }
    GroupType group = place.group();
    if (group.containsField("typed_value")) {
      throw FirnException.invalid(
          ("Cannot read column %s: its variants are shredded, which Firn does not read; rewrite the"
                  + " file without shredding [%s]")
              .formatted(name, location));
    }
    if (!group.containsField("metadata") || !group.containsField("value")) {
      throw mismatch(name, wanted, place);
    }
    List<Node> children = new ArrayList<>();
    for (String part : List.of("metadata", "value")) {
      Place bytes = place.child(group.getType(part), part);
      children.add(primitive(name + "." + part, Types.BinaryType.get(), bytes));
    }
    return group(children, place);
  }

  /** The repeated field that a list or map group consists of. */
  private Place onlyRepeated(String name, Type wanted, Place place) {
    if (place.isPrimitive()
        || place.repeated()
        || place.group().getFieldCount() != 1
        || !place.group().getType(0).isRepetition(Repetition.REPEATED)) {
      throw mismatch(name, wanted, place);
    }
    return place.child(place.group().getType(0), null);
  }

  /** The column that tells a group's structure: the one with the fewest levels. */
  private StoredLeaf levels(List<Node> children, Place place) {
    return children.stream()
        .flatMap(child -> child.leaves().stream())
        .min(Comparator.comparingInt(StoredLeaf::maxRep))
        .orElseGet(() -> anyLeaf(place));
  }

  /** None of the wanted fields is stored: any that is knows where the group is null. */
  private StoredLeaf anyLeaf(Place place) {
    Place at = place;
    while (!at.isPrimitive()) {
      List<org.apache.parquet.schema.Type> fields = at.group().getFields();
      if (fields.isEmpty()) {
        throw mismatch(String.join(".", place.path()), Types.StructType.of(), place);
      }
      org.apache.parquet.schema.Type next =
          fields.stream()
              .filter(field -> !field.isRepetition(Repetition.REPEATED))
              .min(Comparator.comparing(field -> !field.isPrimitive()))
              .orElse(fields.get(0));
      at = at.child(next, null);
    }
    return leaf(at.path(), Conversion.NONE, at.shape());
  }

  private StoredLeaf leaf(List<String> path, Conversion conversion, Shape shape) {
    return new StoredLeaf(
        file.getColumnDescription(path.toArray(new String[0])), conversion, shape);
  }

  private FirnException mismatch(String name, Type wanted, Place place) {
    return FirnException.corrupt(
        "Cannot read column %s: its stored type cannot be read as the wanted one, expected %s, got %s [%s]"
            .formatted(name, wanted, place.type().toString().strip(), location),
        null);
  }
}
