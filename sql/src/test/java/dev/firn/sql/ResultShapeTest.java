package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResultShapeTest {
  private Connection duck;

  @BeforeEach
  void open() throws SQLException {
    duck = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterEach
  void close() throws SQLException {
    duck.close();
  }

  @Test
  void leavesQueriesOfPlainTypesAsTheyAre() throws SQLException {
    String query = "select 1 as a, 'x' as b, [1.5::decimal(38, 2)] as c, {'f': uuid()} as d";
    assertThat(shape(query).wrap(query)).isEqualTo(query);
  }

  @Test
  void castsTypesThatIcebergLacksAtAnyDepth() throws SQLException {
    String query =
        """
        select sum(1::bigint) as h, 1::tinyint as t, [1::utinyint] as ut, 1::ubigint as ub,
          {'hugeint': 1::hugeint, 'bit': interval 1 day} as s, map {'a': 1::smallint} as m,
          null as n, '{}'::json as j, 'a'::enum('a', 'b') as e, [1, 2]::int[2] as f,
          union_value(k := 1) as u, timestamp_s '2020-01-01' as ts, 'a)b'::enum('a)b') as e2""";
    ResultShape shape = shape(query);
    assertThat(shape.targets())
        .containsExactly(
            "DECIMAL(38,0)",
            "INTEGER",
            "INTEGER[]",
            "DECIMAL(20,0)",
            "STRUCT(hugeint DECIMAL(38,0), \"bit\" VARCHAR)",
            "MAP(VARCHAR, INTEGER)",
            "INTEGER",
            "VARCHAR",
            "VARCHAR",
            "INTEGER[]",
            "VARCHAR",
            "TIMESTAMP",
            "VARCHAR");
    assertThat(shape(shape.wrap(query)).types()).isEqualTo(shape.targets());
  }

  @Test
  void numbersNamesThatRepeat() throws SQLException {
    String query = "select 1 as a, 2 as A, 3 as a_1, 4 as \"q\"\"t\"";
    ResultShape shape = shape(query);
    assertThat(shape.names()).containsExactly("a", "A_1", "a_1_1", "q\"t");
    assertThat(shape(shape.wrap(query)).names()).isEqualTo(shape.names());
  }

  @Test
  void keepsTheOrderOfAWrappedQuery() throws SQLException {
    String query =
        "select (range * 7919 % 1000)::smallint as v from range(1000) order by v desc -- x";
    try (var statement = duck.createStatement();
        var result = statement.executeQuery(shape(query).wrap(query))) {
      for (int expected = 999; expected >= 0; expected--) {
        assertThat(result.next()).isTrue();
        assertThat(result.getInt(1)).isEqualTo(expected);
      }
    }
  }

  private ResultShape shape(String query) throws SQLException {
    try (PreparedStatement statement = duck.prepareStatement(query)) {
      return ResultShape.of(statement);
    }
  }

  @Test
  void quotesNames() {
    assertThat(List.of("a", "a\"b").stream().map(ResultShape::quoted))
        .containsExactly("\"a\"", "\"a\"\"b\"");
  }
}
