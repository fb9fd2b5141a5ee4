package dev.firn.format.parquet.write;

import dev.firn.format.arrow.ArrowSchemas;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.MessageType;

/** Finds the columns of a file in the batches of its schema, in file order. */
final class Leaves {
  private final List<ColumnDescriptor> columns;
  private final List<Leaf> leaves = new ArrayList<>();

  private Leaves(MessageType file) {
    this.columns = file.getColumns();
  }

  /** Returns the leaves of {@code file}, which is {@code schema} as a Parquet schema. */
  static List<Leaf> of(Schema schema, MessageType file) {
    Leaves found = new Leaves(file);
    List<Field> fields = ArrowSchemas.toArrow(schema).getFields();
    found.fields(schema.columns(), fields, new Place(List.of(), "", 0));
    return List.copyOf(found.leaves);
  }

  /** Where the walk is: the steps so far, the name so far, and how many of them repeat. */
  private record Place(List<Leaf.Step> steps, String name, int repetition) {
    Place step(int child, Leaf.Step.Kind kind, boolean optional, String field) {
      String full = field.isEmpty() ? name : name.isEmpty() ? field : name + "." + field;
      int level = kind == Leaf.Step.Kind.LIST ? repetition + 1 : repetition;
      List<Leaf.Step> longer = new ArrayList<>(steps);
      longer.add(new Leaf.Step(child, kind, optional, level, full));
      return new Place(List.copyOf(longer), full, level);
    }
  }

  private void fields(List<NestedField> fields, List<Field> arrow, Place place) {
    for (int i = 0; i < fields.size(); i++) {
      field(fields.get(i), arrow.get(i), i, place);
    }
  }

  private void field(NestedField field, Field arrow, int child, Place place) {
    Type type = field.type();
    boolean optional = field.isOptional();
    switch (type.typeId()) {
      // Files hold no columns of unknown type: every value is null.
      case UNKNOWN -> {}
      case STRUCT ->
          fields(
              type.asStructType().fields(),
              arrow.getChildren(),
              place.step(child, Leaf.Step.Kind.STRUCT, optional, field.name()));
      case LIST ->
          fields(
              type.asListType().fields(),
              arrow.getChildren(),
              place.step(child, Leaf.Step.Kind.LIST, optional, field.name()));
      case MAP ->
          fields(
              type.asMapType().fields(),
              arrow.getChildren().get(0).getChildren(),
              place
                  .step(child, Leaf.Step.Kind.LIST, optional, field.name())
                  .step(0, Leaf.Step.Kind.ENTRIES, false, ""));
      case VARIANT -> {
        Place inside = place.step(child, Leaf.Step.Kind.STRUCT, optional, field.name());
        for (int part = 0; part < 2; part++) {
          Field bytes = arrow.getChildren().get(part);
          Place leaf = inside.step(part, Leaf.Step.Kind.VALUE, false, bytes.getName());
          add(leaf, Types.BinaryType.get(), bytes.getType());
        }
      }
      default ->
          add(
              place.step(child, Leaf.Step.Kind.VALUE, optional, field.name()),
              type,
              arrow.getType());
    }
  }

  private void add(Place place, Type type, ArrowType arrow) {
    boolean measured =
        place.repetition() == 0
            && (type.typeId() == Type.TypeID.FLOAT || type.typeId() == Type.TypeID.DOUBLE);
    ColumnDescriptor column = columns.get(leaves.size());
    leaves.add(new Leaf(column, place.name(), type, arrow, place.steps(), measured));
  }
}
