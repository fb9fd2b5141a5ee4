package dev.firn.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

class SchemaTextTest {
  @Test
  void readsIcebergAndSqlNames() {
    Schema schema =
        SchemaText.parse(
            "id bigint NOT NULL, \"Cost Total $\" numeric(10, 2), `a``b` varchar(20), größe double precision,"
                + " at timestamp with time zone, l timestamp, tags array<text not null>,"
                + " addr struct<street: string, zip: string not null>, m map<string,int>, f fixed[16] comment 'it''s'");
    assertThat(schema.columns())
        .extracting(Types.NestedField::name)
        .containsExactly("id", "Cost Total $", "a`b", "größe", "at", "l", "tags", "addr", "m", "f");
    assertThat(SchemaText.format(schema))
        .isEqualTo(
            "id long not null, \"Cost Total $\" decimal(10, 2), \"a`b\" string, größe double,"
                + " at timestamptz, l timestamp, tags list<string not null>,"
                + " addr struct<street: string, zip: string not null>, m map<string, int>, f fixed(16) comment 'it''s'");
    assertThat(SchemaText.parse(SchemaText.format(schema)).sameSchema(schema)).isTrue();
  }

  @Test
  void readsSingleTypes() {
    assertThat(SchemaText.parseType("decimal(10,2)")).isEqualTo(Types.DecimalType.of(10, 2));
    assertThat(SchemaText.format(SchemaText.parseType("map<int, list<struct<a date>>>")))
        .isEqualTo("map<int, list<struct<a: date>>>");
  }

  @Test
  void namesThePositionOfAMistake() {
    assertThatThrownBy(() -> SchemaText.parse("id bigint, name strng"))
        .hasMessage(
            "Cannot parse schema: position 17: expected a type, got 'strng'; did you mean string?"
                + " [id bigint, name strng]");
    assertThatThrownBy(() -> SchemaText.parse("id bigint, id int"))
        .hasMessageContaining("position 12: expected each column once, got 'id' again");
    assertThatThrownBy(() -> SchemaText.parse("a decimal(40,2)"))
        .hasMessageContaining("expected a precision of 1 to 38");
    assertThatThrownBy(() -> SchemaText.parse("a list<int"))
        .hasMessageContaining("expected '>', got the end of the text");
    assertThatThrownBy(() -> SchemaText.parse("a int b int"))
        .hasMessageContaining("position 7: expected a comma or the end, got 'b'");
    assertThatThrownBy(() -> SchemaText.parse("\"a int")).hasMessageContaining("position 1");
    assertThatThrownBy(() -> SchemaText.parse("")).hasMessageContaining("a column name");
  }
}
