//! Capacity units of DynamoDB, reckoned from what is asked and answered: no stand-in tells them as AWS does.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>: a strongly consistent
//! read takes a unit for each 4 KB, an eventually consistent one half; a write takes one for each 1 KB, in a transaction
//! two, and another for each index that it changes.

use super::ledger::Line;
use aws::tables::{Index, TABLES, Table, Whole};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const READ: f64 = 4096.0;
const WRITE: f64 = 1024.0;

type Item = Map<String, Value>;

/// A row, as far as it decides what a change of it costs.
#[derive(Clone, Debug, Default)]
struct Row {
    bytes: f64,
    attributes: BTreeSet<String>,
}

/// The rows that were written or read.
#[derive(Debug, Default)]
pub(super) struct Rows(BTreeMap<String, Row>);

impl Rows {
    /// What one call costs. What failed is counted as if nothing was written: it costs less than the row that stood in
    /// its way, and is seldom.
    pub(super) fn units(&mut self, operation: &str, asked: &Value, answered: Option<&Value>) -> Line {
        let Some(answered) = answered else { return Line { calls: 1, ..Line::default() } };
        let (mut read_units, mut write_units) = (0.0, 0.0);
        match operation {
            "GetItem" => {
                self.seen(&asked["TableName"], object(&answered["Item"]));
                read_units = read(size(&answered["Item"]), asked);
            }
            "Query" | "Scan" => read_units = read(size_of_all(&answered["Items"]), asked),
            "BatchGetItem" => read_units = self.batch(asked, answered),
            "PutItem" => write_units = self.put(asked, 1.0),
            "UpdateItem" => write_units = self.update(asked, 1.0),
            "DeleteItem" => write_units = self.delete(asked, 1.0),
            "TransactWriteItems" => {
                for write in asked["TransactItems"].as_array().into_iter().flatten() {
                    write_units += self.put(&write["Put"], 2.0)
                        + self.update(&write["Update"], 2.0)
                        + self.delete(&write["Delete"], 2.0);
                    // It is not said how a check is paid; counted as a write of its row.
                    write_units += self.check(&write["ConditionCheck"], 2.0);
                }
            }
            _ => {}
        }
        Line { calls: 1, read_units, write_units }
    }

    fn batch(&mut self, asked: &Value, answered: &Value) -> f64 {
        let mut units = 0.0;
        for (table, request) in asked["RequestItems"].as_object().into_iter().flatten() {
            let keys = request["Keys"].as_array().map_or(0, Vec::len);
            let found = answered["Responses"][table].as_array().cloned().unwrap_or_default();
            for item in &found {
                self.seen(&Value::from(table.as_str()), object(item));
                units += read(size(item), request);
            }
            let missing = u32::try_from(keys.saturating_sub(found.len())).unwrap_or_default();
            units += f64::from(missing) * read(0.0, request);
        }
        units
    }

    /// Remembers a row that was read.
    fn seen(&mut self, table: &Value, item: Option<&Item>) {
        if let (Some(table), Some(item)) = (table_of(table), item) {
            self.0.insert(key(table, item), row(item));
        }
    }

    fn put(&mut self, put: &Value, times: f64) -> f64 {
        let (Some(table), Some(item)) = (table_of(&put["TableName"]), object(&put["Item"])) else {
            return 0.0;
        };
        let after = row(item);
        let before = self.0.insert(key(table, item), after.clone()).unwrap_or_default();
        let changed = item.keys().cloned().collect();
        write(before.bytes.max(after.bytes)) * times + indexed(table, &before, &after, &changed)
    }

    fn update(&mut self, update: &Value, times: f64) -> f64 {
        let (Some(table), Some(of)) = (table_of(&update["TableName"]), object(&update["Key"])) else {
            return 0.0;
        };
        let before = self.0.get(&key(table, of)).cloned().unwrap_or_else(|| row(of));
        let (set, removed) = changes(update);
        let mut after = before.clone();
        after.attributes.retain(|name| !removed.contains(name));
        let fresh = set.iter().any(|name| after.attributes.insert(name.clone()));
        // Values replace what was there in most updates; a row only grows where attributes are new.
        if fresh {
            after.bytes += size(&update["ExpressionAttributeValues"]);
        }
        self.0.insert(key(table, of), after.clone());
        let changed = set.union(&removed).cloned().collect();
        write(before.bytes.max(after.bytes)) * times + indexed(table, &before, &after, &changed)
    }

    fn delete(&mut self, delete: &Value, times: f64) -> f64 {
        let (Some(table), Some(of)) = (table_of(&delete["TableName"]), object(&delete["Key"])) else {
            return 0.0;
        };
        let before = self.0.remove(&key(table, of)).unwrap_or_default();
        let changed = before.attributes.clone();
        write(before.bytes) * times + indexed(table, &before, &Row::default(), &changed)
    }

    fn check(&self, check: &Value, times: f64) -> f64 {
        let (Some(table), Some(of)) = (table_of(&check["TableName"]), object(&check["Key"])) else {
            return 0.0;
        };
        write(self.0.get(&key(table, of)).map_or(0.0, |row| row.bytes)) * times
    }
}

/// What a change costs in the table's indexes.
fn indexed(table: &Table, before: &Row, after: &Row, changed: &BTreeSet<String>) -> f64 {
    let in_index = |row: &Row, index: &Index| {
        [index.partition.name, index.sort.name].iter().all(|name| row.attributes.contains(*name))
    };
    let of = |index: &Index| {
        let bytes = if index.whole == Whole::Yes { before.bytes.max(after.bytes) } else { 0.0 };
        let key = [index.partition.name, index.sort.name].iter().any(|name| changed.contains(*name));
        match (in_index(before, index), in_index(after, index)) {
            (false, false) => 0.0,
            // The old entry goes, a new one comes.
            (true, true) if key => 2.0 * write(bytes),
            (true, true) if index.whole == Whole::KeysOnly => 0.0,
            _ => write(bytes),
        }
    };
    table.indexes.iter().map(of).sum()
}

/// The attributes that an update sets or adds to, and those that it removes.
fn changes(update: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut set, mut removed) = (BTreeSet::new(), BTreeSet::new());
    let names = &update["ExpressionAttributeNames"];
    let expression = update["UpdateExpression"].as_str().unwrap_or_default().replace(',', " , ");
    let (mut clause, mut begins) = ("", false);
    for word in expression.split_whitespace() {
        match word {
            "SET" | "ADD" | "REMOVE" | "DELETE" => (clause, begins) = (word, true),
            "," => begins = true,
            // Inside of `if_not_exists(a, b)` a comma begins nothing.
            word if begins && !word.starts_with(':') => {
                let name = names[word].as_str().unwrap_or(word).to_owned();
                if clause == "REMOVE" {
                    removed.insert(name)
                } else {
                    set.insert(name)
                };
                begins = false;
            }
            _ => {}
        }
    }
    (set, removed)
}

fn table_of(name: &Value) -> Option<&'static Table> {
    TABLES.iter().find(|table| Some(table.name) == name.as_str())
}

fn key(table: &Table, item: &Item) -> String {
    let part = |name: &str| item.get(name).map(Value::to_string).unwrap_or_default();
    let sort = table.sort.map(|sort| part(sort.name)).unwrap_or_default();
    format!("{} {} {sort}", table.name, part(table.partition.name))
}

fn row(item: &Item) -> Row {
    Row { bytes: size_of(item), attributes: item.keys().cloned().collect() }
}

fn object(value: &Value) -> Option<&Item> {
    value.as_object()
}

fn read(bytes: f64, request: &Value) -> f64 {
    let whole = (bytes / READ).ceil().max(1.0);
    if request["ConsistentRead"] == true { whole } else { whole / 2.0 }
}

fn write(bytes: f64) -> f64 {
    (bytes / WRITE).ceil().max(1.0)
}

fn size_of_all(items: &Value) -> f64 {
    items.as_array().into_iter().flatten().map(size).sum()
}

fn size(item: &Value) -> f64 {
    object(item).map_or(0.0, size_of)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
fn size_of(item: &Item) -> f64 {
    item.iter().map(|(name, value)| length(name.len()) + size_of_value(value)).sum()
}

fn size_of_value(value: &Value) -> f64 {
    let Some((kind, inner)) = object(value).and_then(|of| of.iter().next()) else { return 0.0 };
    match (kind.as_str(), inner) {
        ("S", Value::String(text)) => length(text.len()),
        ("B", Value::String(base64)) => length(base64.len()) * 0.75,
        ("N", Value::String(digits)) => length(digits.len()) / 2.0 + 1.0,
        ("M", Value::Object(map)) => 3.0 + size_of(map),
        ("L", Value::Array(list)) => 3.0 + list.iter().map(|value| 1.0 + size_of_value(value)).sum::<f64>(),
        _ => 1.0,
    }
}

fn length(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "units are wholes and halves, which are exact")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_count_by_four_kilobytes() {
        let mut rows = Rows::default();
        let asked = json!({ "TableName": "t", "ConsistentRead": true });
        let of = |length: usize| json!({ "Item": { "a": { "S": "x".repeat(length) } } });
        let mut read = |answer| rows.units("GetItem", &asked, Some(&answer)).read_units;
        assert_eq!([read(json!({})), read(of(4095)), read(of(4096))], [1.0, 1.0, 2.0]);
        assert_eq!(rows.units("Query", &json!({}), Some(&json!({ "Items": [] }))).read_units, 0.5);
    }

    #[test]
    fn a_row_that_leaves_an_index_pays_there_too() {
        let mut rows = Rows::default();
        let table = domain::names::MESSAGES_TABLE;
        let row = json!({ "threadId": { "S": "t" }, "item": { "S": "m" }, "todo": { "S": "x" }, "ord": { "S": "1" } });
        let put = json!({ "TableName": table, "Item": row });
        assert_eq!(rows.units("PutItem", &put, Some(&json!({}))).write_units, 2.0);
        let update = json!({
            "TableName": table, "Key": { "threadId": { "S": "t" }, "item": { "S": "m" } },
            "UpdateExpression": "SET #a = :a REMOVE #todo",
            "ExpressionAttributeNames": { "#a": "a", "#todo": "todo" },
            "ExpressionAttributeValues": { ":a": { "S": "y".repeat(1500) } },
        });
        let transaction = json!({ "TransactItems": [{ "Update": update }] });
        assert_eq!(rows.units("TransactWriteItems", &transaction, Some(&json!({}))).write_units, 5.0);
        // It is in no index any more.
        assert_eq!(rows.units("TransactWriteItems", &transaction, Some(&json!({}))).write_units, 4.0);
        assert_eq!(rows.units("UpdateItem", &update, None).write_units, 0.0);
    }
}
