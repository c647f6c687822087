import Terminal

/// What the pickle reader knows: the values that state dicts of tensors are made of. Whatever else a
/// checkpoint holds is an `object`, of which the name alone is kept.
///
/// Containers are numbers that index the reader's lists. So a file can neither build a nest whose
/// release overflows the stack, nor a cycle, nor a bomb of shared parts.
enum PickleValue: Equatable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer of more than 64 bits, as its little-endian bytes.
  case longInteger([UInt8])
  case float(Double)
  case string(String)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
  /// An object of torch.nn.parameter.Parameter, whose tensor may come later.
  case parameter(Int)
  /// A class or function that the reader does not know, by its full name.
  case foreign(String)
  /// An object of a class that the reader does not know, by the class's full name.
  case object(String)
  /// An object with `_parameters`: a whole model, by its class's full name.
  case module(String)

  /// What the value is, for messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a boolean"
    case .integer, .longInteger: "an integer"
    case .float: "a float"
    case .string: "a string"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let global): global.rawValue
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .parameter: "a parameter"
    case .foreign(let name): visible(name, limit: 120)
    case .object(let name): "an object of \(visible(name, limit: 120))"
    case .module(let name): "a whole model of the class \(visible(name, limit: 120))"
    }
  }
}

/// The names whose calls the reader does itself; none is looked up or called anywhere.
enum PickleGlobal: String, CaseIterable {
  case orderedDictionary = "collections.OrderedDict"
  case defaultDictionary = "collections.defaultdict"
  case rebuildTensor = "torch._utils._rebuild_tensor"
  case rebuildTensorV2 = "torch._utils._rebuild_tensor_v2"
  case rebuildParameter = "torch._utils._rebuild_parameter"
  case parameter = "torch.nn.parameter.Parameter"
  case size = "torch.Size"
  case boolStorage = "torch.BoolStorage"
  case byteStorage = "torch.ByteStorage"
  case charStorage = "torch.CharStorage"
  case shortStorage = "torch.ShortStorage"
  case intStorage = "torch.IntStorage"
  case longStorage = "torch.LongStorage"
  case halfStorage = "torch.HalfStorage"
  case bfloat16Storage = "torch.BFloat16Storage"
  case floatStorage = "torch.FloatStorage"
  case doubleStorage = "torch.DoubleStorage"
  // The classes of tensors, which PyTorch before 0.1.10 names beside each; the storage tells it too.
  case byteTensor = "torch.ByteTensor"
  case charTensor = "torch.CharTensor"
  case shortTensor = "torch.ShortTensor"
  case intTensor = "torch.IntTensor"
  case longTensor = "torch.LongTensor"
  case halfTensor = "torch.HalfTensor"
  case floatTensor = "torch.FloatTensor"
  case doubleTensor = "torch.DoubleTensor"

  /// The element type of a storage class; nil for the others.
  var storageElement: ElementType? {
    switch self {
    case .boolStorage: .bool
    case .byteStorage: .uint8
    case .charStorage: .int8
    case .shortStorage: .int16
    case .intStorage: .int32
    case .longStorage: .int64
    case .halfStorage: .float16
    case .bfloat16Storage: .bfloat16
    case .floatStorage: .float32
    case .doubleStorage: .float64
    default: nil
    }
  }
}

/// A run of elements that a pickle refers to by key; its bytes are elsewhere in the file.
struct TorchStorage: Equatable {
  let key: String
  let element: ElementType
  let count: Int
}

/// A view of a storage: offset and strides in elements.
struct TorchView: Hashable {
  let storage: Int
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

/// Why a pickle was refused, without the file's name.
struct PickleFailure: Error {
  let message: String
}
