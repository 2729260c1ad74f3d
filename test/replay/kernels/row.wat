  (func (;row 4 2 36 undefined 0 [{"shape":[2,8,12,12],"operands":[{"strides":[0,1,0,0],"offset":0}],"expression":{"kind":"binary","name":"maximum","a":{"kind":"binary","name":"add","a":{"kind":"operand","index":0},"b":{"kind":"operand","index":1}},"b":{"kind":"constant","value":0}}},[2,8,12,12]];) (param i32 i32 i32 i32 i32 i32 i32)
    (local v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 i32 i32 v128 i32 v128 v128 v128 i32 v128 v128 v128 i32 v128 v128 v128 i32 v128 v128)
    local.get 0
    i32.const 576
    i32.add
    local.set 22
    loop
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 7
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 8
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 9
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 10
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 11
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 12
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 13
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 14
      local.get 0
      local.set 18
      local.get 4
      i32.load
      local.set 19
      local.get 5
      local.set 21
      loop
        local.get 19
        local.get 21
        i32.load
        i32.add
        local.set 23
        local.get 23
        v128.load
        local.set 15
        local.get 23
        v128.load offset=16
        local.set 16
        local.get 18
        v128.load32_splat
        local.set 17
        local.get 17
        local.get 15
        local.get 7
        f32x4.relaxed_madd
        local.set 7
        local.get 17
        local.get 16
        local.get 8
        f32x4.relaxed_madd
        local.set 8
        local.get 18
        v128.load32_splat offset=4
        local.set 17
        local.get 17
        local.get 15
        local.get 9
        f32x4.relaxed_madd
        local.set 9
        local.get 17
        local.get 16
        local.get 10
        f32x4.relaxed_madd
        local.set 10
        local.get 18
        v128.load32_splat offset=8
        local.set 17
        local.get 17
        local.get 15
        local.get 11
        f32x4.relaxed_madd
        local.set 11
        local.get 17
        local.get 16
        local.get 12
        f32x4.relaxed_madd
        local.set 12
        local.get 18
        v128.load32_splat offset=12
        local.set 17
        local.get 17
        local.get 15
        local.get 13
        f32x4.relaxed_madd
        local.set 13
        local.get 17
        local.get 16
        local.get 14
        f32x4.relaxed_madd
        local.set 14
        local.get 18
        i32.const 16
        i32.add
        local.set 18
        local.get 21
        i32.const 4
        i32.add
        local.set 21
        local.get 18
        local.get 22
        i32.lt_u
        br_if 0
      end
      local.get 4
      i32.load offset=4
      local.set 20
      local.get 6
      v128.load32_splat
      local.set 24
      local.get 2
      local.get 20
      i32.add
      local.set 25
      local.get 7
      local.get 24
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 26
      local.get 25
      local.get 26
      v128.store
      local.get 8
      local.get 24
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 27
      local.get 25
      local.get 27
      v128.store offset=16
      local.get 6
      v128.load32_splat offset=4
      local.set 28
      local.get 2
      local.get 20
      i32.add
      local.set 29
      local.get 9
      local.get 28
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 30
      local.get 29
      local.get 30
      v128.store offset=576
      local.get 10
      local.get 28
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 31
      local.get 29
      local.get 31
      v128.store offset=592
      local.get 6
      v128.load32_splat offset=8
      local.set 32
      local.get 2
      local.get 20
      i32.add
      local.set 33
      local.get 11
      local.get 32
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 34
      local.get 33
      local.get 34
      v128.store offset=1152
      local.get 12
      local.get 32
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 35
      local.get 33
      local.get 35
      v128.store offset=1168
      local.get 6
      v128.load32_splat offset=12
      local.set 36
      local.get 2
      local.get 20
      i32.add
      local.set 37
      local.get 13
      local.get 36
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 38
      local.get 37
      local.get 38
      v128.store offset=1728
      local.get 14
      local.get 36
      f32x4.add
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      f32x4.pmax
      local.set 39
      local.get 37
      local.get 39
      v128.store offset=1744
      local.get 4
      i32.const 8
      i32.add
      local.set 4
      local.get 4
      local.get 1
      i32.lt_u
      br_if 0
    end
  )
